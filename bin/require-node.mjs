// Preloaded by the npm scripts. Plain JavaScript that any Node can read: TypeScript without a build needs Node 24.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Rolegate needs Node 24 or later, and this is ${process.version}. ` +
      'Run it with "npm start" after a full "npm ci": that brings the right Node along.\n',
  );
  process.exit(1);
}

// Compiled code, and types once stripped, are kept for the next start: it takes half the time. Older Node lacks this.
const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
