import { packageCommand } from '../../src/cli/access/package-command.ts';

/** Runs the command line of the package. @returns its exit code, and what it printed */
export async function runCommand(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await packageCommand(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    version: () => '1.2.3',
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
