import type { Transport } from '../transport.ts'

/** Two transports on one network that loses nothing: `a` sends, `b` receives. */
export interface TransportPair {
  readonly a: Transport
  readonly b: Transport
  /**
   * Lets the network do what is under way: runs virtual time, or waits for some hundred ms of real time.
   * The suite calls it several times for an event that must happen, and once for one that must not.
   */
  settle(): Promise<void>
  /** Cuts `a` off. Without it the test of a lost connection passes without doing anything. */
  disconnect?(): Promise<void>
  /** Ends {@link TransportPair.disconnect}. */
  reconnect?(): Promise<void>
  /** Lets go of everything. Called once at the end of each test, failed ones too. */
  close(): Promise<void>
}

/** Options of {@link transportConformance}. */
export interface TransportConformanceOptions {
  /** Registers one test, as `test` or `it` of any runner. */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  /** Throws unless both are deeply equal. */
  equal(actual: unknown, expected: unknown, message?: string): void
  /** Groups tests, where the runner has it. */
  readonly describe?: (title: string, define: () => void) => unknown
  /** Makes a pair, both connected, for one test. */
  readonly create: () => Promise<TransportPair>
  /** Which optional methods the transport has; the tests of the others are left out. @default both */
  readonly features?: { readonly fetch?: boolean; readonly history?: boolean }
  /** A content topic that the network carries. @default '/conformance/1/transport/proto' */
  readonly contentTopic?: string
  /** A second one. @default '/conformance/1/other/proto' */
  readonly otherContentTopic?: string
}
