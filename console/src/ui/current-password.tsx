import { PasswordInput } from '@mantine/core';

interface CurrentPasswordProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly required?: boolean;
}

/** The field for the password that a person has. Password managers fill it in. */
export function CurrentPassword({ onChange, ...props }: CurrentPasswordProps) {
  return (
    <PasswordInput
      {...props}
      autoComplete="current-password"
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
