/** The limits on connections. Every number is the largest value that is still accepted. */
export interface LiveLimits {
  /** Connections of this process. The credential of each is checked when a viewer's rights change. */
  readonly sockets: number;
  /** Connections from one network address, which a whole office may share. */
  readonly socketsPerAddress: number;
  /** Subscriptions on one connection. */
  readonly operations: number;
  /** Messages on one connection within {@link MESSAGE_WINDOW}. */
  readonly messages: number;
  /** Bytes that wait for a client who goes on asking but does not read. */
  readonly buffered: number;
  /** Milliseconds until a client must have said who it is, and between two looks at whether it is still there. */
  readonly initWait: number;
  readonly pingInterval: number;
}

/** In milliseconds. */
export const MESSAGE_WINDOW = 10_000;

export const LIVE_LIMITS: LiveLimits = Object.freeze({
  sockets: 1_000,
  socketsPerAddress: 100,
  operations: 20,
  messages: 100,
  buffered: 1024 * 1024,
  initWait: 5_000,
  pingInterval: 12_000,
});
