import type { Transport, TransportEvent } from '@reliable-channels/transport'
import type { Subscription } from 'rxjs'

/** Hands each event of the transport to whoever sent what it tells of, however many senders the node has. */
export interface EventRouter {
  /** @typeParam A What a sender follows: each of his attempts to send. */
  join<A>(sender: EventListener<A>): EventMember<A>
}

/** A sender, who hears of what he follows. */
export interface EventListener<A> {
  /** Something became of an attempt; or of a request that nobody follows, while he expects to learn of one. */
  next(event: TransportEvent, attempt: A | undefined): void
  error(error: unknown): void
}

/** One sender, who says which events concern him. */
export interface EventMember<A> {
  /** A request of this id is that attempt of his, which is no other's. */
  follow(requestId: string, attempt: A): void
  /** No more events of this attempt are expected. */
  forget(requestId: string, attempt: A): void
  /** Calls of `send` are under way, whose ids are not known yet: events that concern nobody known may be his. */
  expect(isExpecting: boolean): void
  /** To be called once all attempts are forgotten: who else follows what is not looked at. */
  leave(): void
}

interface Follower {
  readonly sender: EventListener<unknown>
  readonly attempt: unknown
}

/** Makes the router of a node. The transport is listened to as long as there is any sender. */
export function createEventRouter({ events$ }: Pick<Transport, 'events$'>): EventRouter {
  /** Who follows a request. A network may give an id twice. */
  const followers = new Map<string, readonly Follower[]>()
  const expecting = new Set<EventListener<unknown>>()
  const senders = new Set<EventListener<unknown>>()
  let source: Subscription | undefined

  const route = (event: TransportEvent): void => {
    const all = followers.get(event.requestId)
    if (all === undefined) for (const sender of [...expecting]) sender.next(event, undefined)
    else for (const { sender, attempt } of all) sender.next(event, attempt)
  }

  return {
    join(sender) {
      senders.add(sender)
      if (source === undefined || source.closed) {
        source = events$.subscribe({
          next: route,
          error: (error: unknown) => {
            for (const each of [...senders]) each.error(error)
          },
        })
      }
      return {
        follow: (requestId, attempt) =>
          void followers.set(requestId, [...(followers.get(requestId) ?? []), { sender, attempt }]),
        forget(requestId, attempt) {
          const left = (followers.get(requestId) ?? []).filter((each) => each.attempt !== attempt)
          followers.delete(requestId)
          if (left.length > 0) followers.set(requestId, left)
        },
        expect(isExpecting) {
          if (isExpecting) expecting.add(sender)
          else expecting.delete(sender)
        },
        leave() {
          expecting.delete(sender)
          senders.delete(sender)
          if (senders.size === 0) source?.unsubscribe()
        },
      }
    },
  }
}
