import { withinLimit } from '@reliable-channels/stage'
import { merge } from 'rxjs'
import { allSettled } from '../all-settled.ts'
import type { ReliableChannel } from '../channel.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { type Diagnose, diagnosticEvent } from '../diagnostic-event.ts'
import type { ChannelEvent } from '../events.ts'
import { type ChannelOwner, LiveChannel } from '../live-channel.ts'
import type { ChannelOptions } from '../options.ts'
import { reasonOf } from '../thrown.ts'
import { limitedStore } from '../outside/limited-store.ts'
import { limitedTransport } from '../outside/limited-transport.ts'
import type { Patience } from '../outside/wait-limits.ts'
import { type Claim, byTurns, claimIdentity } from './claims.ts'
import { type ChannelNode, patienceOf, whileHeld } from './node.ts'
import { createParts } from './parts.ts'
import { ownerOf } from './store-owner.ts'
import { stageOptionsOf } from './stage-options.ts'
import { loadState, markStore } from './stored-state.ts'

/** The content topic could not be subscribed; no channel was opened. */
export class SubscribeError extends Error {
  override readonly name = 'SubscribeError'
  readonly code = 'ERR_SUBSCRIBE'
}

/**
 * Opens a channel on a node, with options that were checked: loads what the store has of it, subscribes its topic, then
 * starts.
 *
 * @throws StoreLoadError, StoreVersionError, StoreOwnerError, StoreLockedError, SubscribeError, SdsOptionError,
 *   SegmentationOptionError, SegmentSizeError
 */
export async function connectChannel(
  node: ChannelNode,
  options: ChannelOptions,
  owner: ChannelOwner,
): Promise<ReliableChannel> {
  const release = node.claim(options.channelId)
  const ended = new AbortController()
  let claim: Claim | undefined
  try {
    return await connectClaimed(node, options, {
      event: (event) => owner.event(event),
      listened$: owner.listened$,
      claimed: (taken) => (claim = taken),
      ended: ended.signal,
      async closed() {
        // Nobody waits any more for what the network's memory was asked.
        ended.abort(new ChannelClosedError('the channel is closed'))
        release()
        await allSettled([() => claim?.release(), () => owner.closed()])
      },
    })
  } catch (error) {
    release()
    await claim?.release().catch(() => {})
    options.signal?.throwIfAborted()
    throw error
  }
}

/** Who opens a channel, and gives back what was claimed for it. */
interface ClaimingOwner extends ChannelOwner {
  claimed(claim: Claim): void
  /** Aborted when the channel has closed. */
  readonly ended: AbortSignal
}

async function connectClaimed(
  shared: ChannelNode,
  options: ChannelOptions,
  owner: ClaimingOwner,
): Promise<ReliableChannel> {
  const { channelId, contentTopic, signal } = options
  /** Events from before anybody can listen to the channel. They are told once somebody can; its owner hears them at once. */
  const early: ChannelEvent[] = []
  let tell = (event: ChannelEvent): void => {
    early.push(event)
    owner.event(event)
  }
  const diagnose: Diagnose = (code, detail) => tell(diagnosticEvent(channelId, code, detail))
  // Who closes the node does not wait for channels that are being opened.
  const closing = signal === undefined ? shared.closing : AbortSignal.any([shared.closing, signal])
  const node: ChannelNode = { ...shared, closing }
  const patience = patienceOf(node, diagnose)
  // What is made for all channels goes on; it has limits of its own.
  const limiter = await withinLimit(() => shared.limiter(diagnose), {
    what: 'rateLimit',
    limitMs: Infinity,
    scheduler: node.scheduler,
    ...(signal && { signal }),
  })
  const opening: Patience = { ...patience, signal: closing }
  const held = await claimStore(node, options, { patience: opening, owner, diagnose })
  const state = await loadState(held.store && limitedStore(held.store, opening), channelId, (part, reason) =>
    diagnose('store-corrupt', { part, key: '', reason }),
  )
  // Bad options throw before anything is subscribed.
  const stageOptions = stageOptionsOf(node, limiter, options)
  try {
    await limitedTransport(node.transport, opening).subscribe(contentTopic)
  } catch (error) {
    throw new SubscribeError(`failed to subscribe to content topic: ${reasonOf(error)}`, { cause: error })
  }
  // Made only now: what was restored is sent and delivered soon, and must not find that nobody listens yet.
  const parts = createParts({
    node: held,
    transport: limitedTransport(node.transport, { ...patience, signal: owner.ended }),
    limiter,
    options,
    stageOptions,
    state,
    diagnose,
  })
  const channel = new LiveChannel({ parts, options, state, owner, lost$: held.lost$ })
  node.scheduler.schedule(() => {
    tell = (event) => channel.emit(event)
    early.splice(0).forEach((event) => channel.emitHere(event))
  })
  return channel
}

/** Who claims a store, and what he is told. */
interface Claiming {
  readonly patience: Patience
  readonly owner: ClaimingOwner
  readonly diagnose: Diagnose
}

/** Marks the store, and takes it where nothing else says who has it. Returns a node that ends when it is taken away. */
async function claimStore(
  node: ChannelNode,
  options: ChannelOptions,
  { patience, owner, diagnose }: Claiming,
): Promise<ChannelNode> {
  const { store, closing, claims } = node
  if (store === undefined) return node
  const { channelId } = options
  const onCorrupt = (key: string, reason: string): void =>
    diagnose('store-corrupt', { part: 'channel', key, reason })
  const identity = await markStore(
    limitedStore(store, patience),
    channelId,
    ownerOf(options),
    onCorrupt,
    (mark) => (claims ? byTurns({ patience, closing }, mark) : mark()),
  )
  if (!claims) return node
  const claim = await claimIdentity(identity, { channelId, patience, closing })
  owner.claimed(claim)
  return { ...node, store: whileHeld(store, claim.lost$), lost$: merge(node.lost$, claim.lost$) }
}
