import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

// `npm run check`: its scripts, two at a time, the longest first. What each prints is shown when it ends.

const SCRIPTS = [['format:check'], ['lint'], ['types'], ['codegen:check'], ['access', '--', 'check']];
const AT_ONCE = 2;

/** Runs a script. @returns true if it succeeds */
async function passes(script: readonly string[]): Promise<boolean> {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', ...script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.withResolvers<number | null>();
  child.once('error', ended.reject).once('exit', ended.resolve);
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended.promise]);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`npm run ${script.join(' ')}: ${code === 0 ? 'passed' : 'FAILED'} (${seconds} s)\n${out}`);
  process.stderr.write(err);
  return code === 0;
}

const waiting = [...SCRIPTS];
async function work(): Promise<void> {
  for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) {
    if (!(await passes(script))) {
      process.exitCode = 1;
    }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
