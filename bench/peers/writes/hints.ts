import type { Pool } from 'pg';

/** The shortest time between two notifications, in milliseconds. */
const PAUSE = 10;

/** Returns a function that notifies listeners of a commit: at once, and again for all that came meanwhile. */
export function hints(pool: Pool): () => void {
  let [isWanted, isSending] = [false, false];
  const send = async (): Promise<void> => {
    isSending = true;
    while (isWanted) {
      isWanted = false;
      await pool.query(`select pg_notify('rolegate_events', 'committed')`);
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE);
      });
    }
    isSending = false;
  };
  return () => {
    isWanted = true;
    if (!isSending) {
      void send();
    }
  };
}
