import { ConfigError, type Environment, readConfig } from '../../src/config/config.ts';

export const SECRET = 'qV9tX2mLr7ZcKd4WnY8uBh3sPf6jGa1eRo5TiN0w';
export const DATABASE = 'postgres://rolegate:hunter2@db.internal:5432/rolegate';

/** The smallest environment that production accepts. */
export const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  DATABASE_URL: DATABASE,
  JWT_SECRET: SECRET,
  JWT_ISSUER: 'https://api.example.com',
  JWT_AUDIENCE: 'https://api.example.com/graphql',
};

export function refusalOf(environment: Environment): ConfigError {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error;
    }
    throw error;
  }
  throw new Error(`this environment is accepted: ${JSON.stringify(environment)}`);
}

/** Returns the variables for which the environment is refused. */
export function faults(environment: Environment): string[] {
  return refusalOf(environment).problems.map(({ variable }) => variable);
}

/** Returns everything that a log could contain: warnings, or the refusal. Any other error is a failure. */
export function everythingSaid(environment: Environment): string {
  try {
    return readConfig(environment).warnings.join('\n');
  } catch (error) {
    if (error instanceof ConfigError) {
      return `${error.message} ${error.stack} ${JSON.stringify(error)}`;
    }
    throw error;
  }
}
