/** Opens an embedded database as the server does, asks it one thing, and says so. */
import { compileEmbedded, connectEmbedded } from '../../src/database/orm.ts';

const orm = await connectEmbedded({ folder: process.argv[2] ?? null, engine: compileEmbedded() });
await orm.em.getConnection().execute('select 1');
process.stdout.write('ready\n');
await orm.close();
