/**
 * The wire format that the members of a channel must have in common.
 * Decoding recognises every dialect whatever the profile, except `raw` segments, which only the profile can announce.
 */
export interface Profile {
  readonly name: string
  /** Put into and asked of the envelope's `meta`; without it any message of the content topic is looked at. */
  readonly marker?: string
  readonly sds: 'lip' | 'nim'
  /** `raw`: the content is the payload. */
  readonly segments: 'current' | 'lip-243' | 'raw'
  /** The part that is encrypted: the whole SDS message, or its content alone, which leaves ids and history clear. */
  readonly placement: 'envelope' | 'content'
  /** Ids that the bloom filters of its messages are made for. @default that of SDS: 10,000, in 18,752 bytes */
  readonly bloomCapacity?: number
}

/** Wire-format marker of the Reliable Channel layer (LIP-173); `/N` is bumped on breaking changes only. */
export const MARKER = 'RELIABLE-CHANNEL-API/1'

/** LIP-109 messages and present segments: what this library speaks by itself. */
export const lip: Profile = {
  name: 'lip',
  marker: MARKER,
  sds: 'lip',
  segments: 'current',
  placement: 'envelope',
}

/** Reference nodes (logos-delivery) that segment. */
export const logosDelivery: Profile = {
  name: 'logosDelivery',
  marker: MARKER,
  sds: 'nim',
  segments: 'current',
  placement: 'envelope',
}

/** Reference nodes (logos-delivery) up to the line that sends each payload as one SDS content. */
export const logosDeliveryRaw: Profile = {
  name: 'logosDeliveryRaw',
  marker: MARKER,
  sds: 'nim',
  segments: 'raw',
  placement: 'envelope',
}

/**
 * `ReliableChannel` of `@waku/sdk`.
 *
 * @example
 * const channel = await openChannel({ ...options, profile: jsWaku })
 */
export const jsWaku: Profile = { name: 'jsWaku', sds: 'lip', segments: 'raw', placement: 'envelope' }

/**
 * For groups of this library alone: {@link lip} with filters for 512 ids, so that a message of 100 bytes has 1.4 kB on the
 * wire instead of 19. Nobody else can read those filters, so it has a marker of its own, and members of other profiles
 * drop its messages. Of bursts of more than some 250 messages, what is lost is found by the causal histories and requests
 * instead of by filters.
 *
 * @example
 * const channel = await openChannel({ ...options, profile: lean })
 */
export const lean: Profile = { ...lip, name: 'lean', marker: 'RELIABLE-CHANNEL-LEAN/1', bloomCapacity: 512 }
