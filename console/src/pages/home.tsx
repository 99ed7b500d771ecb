import { Anchor, Badge, Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import { useViewer } from '../api/viewer.tsx';
import { isReachable, pages } from '../routes.ts';
import { text } from '../text.ts';
import { Lock, PageTitle } from '../ui/states.tsx';

const words = text.home;

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Group gap={6}>
        {names.length === 0
          ? text.table.none
          : names.map((name) => (
              <Badge key={name} variant="outline" tt="none">
                {name}
              </Badge>
            ))}
      </Group>
    </Card>
  );
}

/** Shows the viewer's name, roles and permissions, and the pages that they reach. */
export function HomePage() {
  const { signedIn, roles, effectiveRoles, permissions, can } = useViewer();
  const refused = pages.filter((page) => !isReachable(page, can));
  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      {!signedIn && <Text mb="md">{words.anonymous}</Text>}
      {signedIn && (
        <SimpleGrid type="container" cols={{ base: 1, '700px': 3 }} mb="lg">
          <Names title={words.roles} names={roles} />
          <Names title={words.effective} names={effectiveRoles} />
          <Names title={words.permissions} names={permissions} />
        </SimpleGrid>
      )}
      <SimpleGrid type="container" cols={{ base: 1, '500px': 2 }}>
        <Card withBorder>
          <Title order={2} size="h5" mb="xs">
            {words.reach}
          </Title>
          {pages
            .filter((page) => isReachable(page, can))
            .map(({ path, title }) => (
              <Anchor key={path} component={Link} href={`/${path}`}>
                {title}
              </Anchor>
            ))}
        </Card>
        {refused.length > 0 && (
          <Card withBorder>
            <Title order={2} size="h5" mb="xs">
              {words.refused}
            </Title>
            {refused.map(({ path, title, coordinate }) => (
              <Text key={path} component="div">
                <Lock coordinate={coordinate} /> {title}{' '}
                <Text span size="sm" c="dimmed" className="wrap">
                  <code>{coordinate}</code>
                </Text>
              </Text>
            ))}
          </Card>
        )}
      </SimpleGrid>
    </>
  );
}
