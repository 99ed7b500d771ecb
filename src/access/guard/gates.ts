import { doorKey } from '../policy/doors.ts';
import type { Gate } from '../policy/judge.ts';
import type { NumberedGate } from './requests.ts';

/** Numbers gates; equal ones get the same number, and are judged once a request for all places that have them. */
export interface GateBook {
  number(gate: Gate): NumberedGate;
}

export function createGateBook(): GateBook {
  const gates = new Map<string, NumberedGate>();
  return {
    number: ({ doors, members }) => {
      const key = JSON.stringify([doors.map(doorKey), members.map((member) => member.doors.map(doorKey))]);
      const gate = gates.get(key) ?? { id: gates.size, doors, members };
      gates.set(key, gate);
      return gate;
    },
  };
}
