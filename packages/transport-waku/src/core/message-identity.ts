import type { WireMessage } from './message.ts'

/**
 * Tells messages of one hash apart: it covers their fields in a row, so that a service node may move bytes from one into the
 * next, and what others deliver under that hash would count as received.
 */
export const identityOfMessage = (
  hash: string,
  { contentTopic, payload, meta, ephemeral }: Omit<WireMessage, 'timestampNs'>,
): string => `${hash} ${contentTopic.length} ${payload.length} ${meta?.length ?? 0} ${ephemeral}`
