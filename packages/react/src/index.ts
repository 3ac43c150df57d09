/**
 * Hooks for React.
 *
 * @packageDocumentation
 */
export { ChannelProvider, type ChannelProviderProps } from './channel-provider.ts'
export { type ChannelState, type ChannelStatus, useChannel } from './context.ts'
export { type Sending, useHealth, useMembers, useMessages, useQuota, useReceipts, useSend } from './hooks.ts'
export type { ListedMessage } from './message-list.ts'
