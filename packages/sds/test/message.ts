import { START } from './network.ts'
import { type SdsMessage, encodeMessage } from '../src/core.ts'

/** Bytes of a message of carol, but for the fields given. Its content is its id. */
export const message = (fields: Partial<SdsMessage>): Uint8Array =>
  encodeMessage(
    {
      senderId: 'carol',
      messageId: 'id',
      channelId: 'channel',
      lamport: START,
      causalHistory: [],
      repairRequest: [],
      content: new TextEncoder().encode(fields.messageId ?? 'id'),
      ...fields,
    },
    'lip',
  )
