/** The channel on which transactions notify of what they have written down (`NOTIFY`); payloads hold ids only. */
export const CHANNEL = 'rolegate_events';
