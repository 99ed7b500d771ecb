import { keysOf } from '../policy/doors.ts';
import type { Gate } from '../policy/judge.ts';
import type { NumberedGate } from './requests.ts';

/** Numbers gates. Those with the same keys get one number: they are judged once a request, wherever they are written. */
export interface GateBook {
  number(gate: Gate): NumberedGate;
  /** How many have a number. */
  count(): number;
}

export function createGateBook(): GateBook {
  const gates = new Map<string, NumberedGate>();
  return {
    count: () => gates.size,
    number: ({ doors, members }) => {
      const key = JSON.stringify([doors.map(keysOf), members.map((member) => member.doors.map(keysOf))]);
      const gate = gates.get(key) ?? { id: gates.size, doors, members };
      gates.set(key, gate);
      return gate;
    },
  };
}
