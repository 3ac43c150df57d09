/**
 * One channel for all tabs of an origin: one of them runs it, and serves the others.
 *
 * @packageDocumentation
 */
export type { TabLocks } from './tabs/election.ts'
export { type TabsBroadcast, type TabsExclusive, type TabsOptions, openInTabs } from './tabs/open-in-tabs.ts'
export type { SentElsewhere, TabChannel, TabRole } from './tabs/tab-channel.ts'
