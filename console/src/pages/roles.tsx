import { PageTitle } from '../ui/states.tsx';
import { text } from '../text.ts';
export function RolesPage() {
  return <PageTitle>{text.roles.title}</PageTitle>;
}
