import { countDenials, type Denials, type DenialsParts } from '../../database/events/denials.ts';
import { type Sealer, type SealerParts, startSealer } from './sealer.ts';

/** The background work of a process for the audit trail. */
export interface AuditTrail {
  readonly denials: Denials;
  readonly sealer: Sealer;
  /** Writes down the denials that are counted still, and seals what there is. */
  readonly stop: () => Promise<void>;
}

/** Starts to count denials, and to seal. */
export function startAuditTrail(parts: SealerParts & DenialsParts): AuditTrail {
  const denials = countDenials(parts);
  const sealer = startSealer(parts);
  return {
    denials,
    sealer,
    async stop() {
      await denials.stop();
      await sealer.stop();
    },
  };
}
