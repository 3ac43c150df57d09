/**
 * One channel for all tabs of an origin: one of them runs it, and serves the others.
 *
 * @packageDocumentation
 */
export type { TabLocks } from './tabs/election.ts'
export { openInTabs } from './tabs/open-in-tabs.ts'
export type { SentElsewhere, TabChannel, TabRole } from './tabs/tab-channel.ts'
export type { TabsBroadcast, TabsExclusive, TabsOptions } from './tabs/tabs-options.ts'
