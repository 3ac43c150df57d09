import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { keyIdOf } from '@reliable-channels/encryption'
import { type ChannelPlace, checkName, placeOfChannel } from '../channel-name.ts'
import type { Host } from '../host.ts'
import { resolveKey } from '../secrets/resolve-key.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import type { MemberOptions } from './member-options.ts'

/** Who takes part, before anything is connected. */
export interface Identity extends AsyncDisposable {
  readonly place: ChannelPlace
  readonly name: string
  readonly key?: Uint8Array
  readonly keyId?: string
  readonly data?: DataDirectory
  readonly historyMs: number
}

/** Finds out who is to take part, asks for the key, and opens the directory: all that may be wrong before it goes to the network. */
export async function identify(channelName: string, options: MemberOptions, host: Host): Promise<Identity> {
  const place = placeOfChannel(channelName, options.topic)
  if (options.name !== undefined) checkName('member', options.name)
  const key = await resolveKey(options, place.channelId, host)
  const { data: path, name } = options
  const data = path === undefined ? undefined : await openDataDirectory(path, name, newName)
  return {
    place,
    name: data?.name ?? name ?? newName(),
    ...(key && { key, keyId: keyIdOf(key) }),
    ...(data && { data }),
    historyMs: options.since,
    [Symbol.asyncDispose]: async () => data?.[Symbol.asyncDispose](),
  }
}

/** The user's name with some digits: names must differ. */
function newName(): string {
  return `${userName()}-${randomBytes(2).toString('hex')}`
}

function userName(): string {
  try {
    return userInfo().username.slice(0, 50) || 'member'
  } catch {
    return 'member'
  }
}
