import type { Config } from '../config/config.ts';
import { type Database, openEmbedded, openServer } from '../database/database.ts';
import type { Progress } from '../database/migrate.ts';

/**
 * Opens the database that the configuration names, for a command.
 *
 * @param holder what the command is, for the process that finds the embedded database taken
 * @throws {DataFolderInUse} when another process holds the embedded database
 */
export function openDatabase(config: Config, holder: string, progress: Progress): Promise<Database> {
  if (config.database === null) {
    return openEmbedded({ dataDir: config.dataDir, holder, now: new Date() }, { progress });
  }
  const { url, adminUrl } = config.database;
  return openServer({ url, adminUrl, production: config.production }, { progress });
}
