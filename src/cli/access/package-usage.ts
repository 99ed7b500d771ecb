/** The synopsis of each command of the package, after "rolegate", and what it does. */
const COMMANDS = new Map([
  [
    'matrix',
    {
      synopsis: 'matrix <schema> [--format md|json|csv] [--write] [--matrix-file FILE]',
      text: 'prints which role may reach what; --write updates the reviewed file (ACCESS.md)',
    },
  ],
  [
    'check',
    {
      synopsis: 'check <schema> [--matrix-file FILE]',
      text: 'compares which role may reach what with the reviewed file, and fails if access has changed',
    },
  ],
  [
    'explain',
    {
      synopsis: 'explain <schema> <file> --as ROLE[,ROLE] [--permissions a,b] [--operation name] [--format text|json]',
      text: 'prints which parts of an operation are allowed for a viewer, and what would allow the others',
    },
  ],
  [
    'schema',
    {
      synopsis: 'schema <schema> --as ROLE[,ROLE] [--permissions a,b]',
      text: 'prints the part of the schema that a viewer could reach',
    },
  ],
  [
    'types',
    {
      synopsis: 'types <schema> [--out FILE]',
      text: 'prints the roles, permissions and coordinates as TypeScript unions',
    },
  ],
]);

const SCHEMA = `<schema> is SDL: files, folders, quoted patterns, or "-" for standard input. Or it is one module that exports a GraphQLSchema,
or a promise of it, as "schema" or by default. ROLE is a role of the schema, "signed-in" (without a role), or "anonymous".

Every command takes these:
  --all                         lists all problems and undecided fields, not only the first 20
  --role-permissions FILE       the permissions that come with roles: JSON, { "ADMIN": "all", "EDITOR": ["stats:read"] },
                                or a module that exports them as "rolePermissions" or by default

A guarded schema brings its own options. For any other, every command takes the options of guardSchema:
  --role-enum NAME              the enum of roles, if it is not called Role
  --undecided report|deny       undecided fields do not fail; the matrix lists them
  --inherits ADMIN=EDITOR,GUEST roles that inherit others; all roles, if there is no enum
  --denial reject               fields that may be denied need not be nullable
  --enforcement observe         what would go wrong when denied does not fail
  --directives auth=access      other names of the directives
  --ignore-directives read,tag  directives that are not taken for misspelt ones

The exit code is 0, or 1 if access has changed or something is not valid, or 2 if the command line cannot be understood.`;

export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

/** Returns the commands that have an option of their own, by its name in the command line: `--as`. */
export function commandsWith(option: string): readonly string[] {
  return COMMAND_NAMES.filter((name) =>
    COMMANDS.get(name)
      ?.synopsis.match(/--[\w-]+/g)
      ?.includes(option),
  );
}

/** Returns the text that `--help` prints: about one command, or about all of them. */
export function helpFor(command: string | undefined): string {
  const known = COMMANDS.get(command ?? '');
  if (known !== undefined) {
    return `Usage: rolegate ${known.synopsis}\n\nThe command ${known.text}.\n\n${SCHEMA}`;
  }
  const lines = [...COMMANDS.values()].map(({ synopsis, text }) => `  ${synopsis}\n      ${text}`);
  return `Usage: rolegate <command> <schema> [options]\n\n${lines.join('\n')}\n\n  --help, --version\n\n${SCHEMA}`;
}

/** Returns the text that follows the message about a command line that cannot be understood. */
export function usageFor(command: string | undefined): string {
  const known = COMMANDS.get(command ?? '');
  return known === undefined
    ? `Usage: rolegate <command> <schema> [options]\nThe commands are ${COMMAND_NAMES.join(', ')}; see rolegate --help`
    : `Usage: rolegate ${known.synopsis}\nSee rolegate ${command} --help`;
}
