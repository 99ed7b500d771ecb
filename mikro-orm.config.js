// The commands of MikroORM load TypeScript through loaders of their own, which Node 24 does not need.
export { default } from './mikro-orm.config.ts';
