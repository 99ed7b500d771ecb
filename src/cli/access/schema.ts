import { printSchema } from 'graphql';
import { visibleSchema } from '../../access/index.ts';
import { type AccessCommandInput, policyFor, readOptions } from './usage.ts';
import { VIEWER_OPTIONS, viewerFrom } from './viewer.ts';

/** Prints the part of the schema that a viewer could reach, as SDL. */
export function schemaCommand(args: readonly string[], io: AccessCommandInput): number {
  const options = readOptions(args, VIEWER_OPTIONS, 0);
  const policy = policyFor(io);
  io.out(printSchema(visibleSchema(policy, viewerFrom(options, policy, io))));
  return 0;
}
