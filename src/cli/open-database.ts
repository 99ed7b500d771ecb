import type { Config } from '../config/config.ts';
import { type Database, openEmbedded, openServer } from '../database/database.ts';
import type { Progress } from '../database/migrate.ts';

/**
 * Opens the configured database for a command.
 *
 * @param holder the name of the command, which other processes see while it holds the embedded database
 * @throws {DataFolderInUse} when another process holds the embedded database
 */
export function openDatabase(config: Omit<Config, 'jwt'>, holder: string, progress: Progress): Promise<Database> {
  if (config.database === null) {
    return openEmbedded({ dataDir: config.dataDir, holder, now: new Date() }, { progress });
  }
  const { url, adminUrl } = config.database;
  return openServer({ url, adminUrl, production: config.production }, { progress });
}
