import { Checkbox, Fieldset, Group, Text } from '@mantine/core';

interface ChoicesProps {
  readonly title: string;
  readonly hint?: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Names of which any number is chosen. */
export function Choices({ title, hint, names, chosen, onChange }: ChoicesProps) {
  return (
    <Fieldset legend={title}>
      {hint !== undefined && (
        <Text size="sm" mb="xs">
          {hint}
        </Text>
      )}
      <Group gap="sm">
        {names.map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={chosen.includes(name)}
            onChange={({ currentTarget }) =>
              onChange(currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name))
            }
          />
        ))}
      </Group>
    </Fieldset>
  );
}
