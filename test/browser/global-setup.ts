import type { TestProject } from 'vitest/node';
import { launch, type StandAddress } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stand: StandAddress;
  }
}

/** Starts the demo and the browser that the test files share. Returns what ends them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { address, close } = await launch();
  project.provide('stand', address);
  return close;
}
