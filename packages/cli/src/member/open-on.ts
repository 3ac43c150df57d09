import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import type { Transport } from '@reliable-channels/transport'
import type { Identity } from './identity.ts'

/** Opens the channel of a place for anybody. */
export function openOn(
  transport: Transport,
  { place, name, key }: Pick<Identity, 'place' | 'name' | 'key'>,
  options: Partial<Parameters<typeof openChannel>[0]> = {},
): Promise<ReliableChannel> {
  return openChannel({
    ...place,
    senderId: name,
    transport,
    ...(key && { cipher: xchacha({ key }) }),
    ...options,
  })
}
