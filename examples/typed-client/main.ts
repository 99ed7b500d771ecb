import { run } from './program.ts';

// node examples/typed-client/main.ts [http://127.0.0.1:4000/graphql]
const [, , url = 'http://127.0.0.1:4000/graphql'] = process.argv;
await run(url, (line) => void process.stdout.write(`${line}\n`));
