// Preloaded by the npm scripts, and by the built server. Plain JavaScript that any Node can read.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Rolegate needs Node 24 or later, and this is ${process.version}. ` +
      'In a clone of the repository a full "npm ci" brings the right one along, and "npm start" takes it.\n',
  );
  process.exit(1);
}

// Compiled code, and types once stripped, are kept for the next start: it takes half the time. Older Node lacks this.
const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
