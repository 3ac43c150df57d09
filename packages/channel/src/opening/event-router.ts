import { SparseSet } from '@reliable-channels/stage/core'
import type { Transport, TransportEvent } from '@reliable-channels/transport'
import type { Observer, Subscription } from 'rxjs'

/** Hands each event of the transport to whoever sent what it tells of, however many senders the node has. */
export interface EventRouter {
  join(observer: Pick<Observer<TransportEvent>, 'next' | 'error'>): EventMember
}

/** One sender, who says which events concern him. */
export interface EventMember {
  /** A request of this id is his. */
  follow(requestId: string): void
  /** No more events of this request are expected. */
  forget(requestId: string): void
  /** Calls of `send` are under way, whose ids are not known yet: events that concern nobody known may be his. */
  expect(isExpecting: boolean): void
  leave(): void
}

type Sender = Pick<Observer<TransportEvent>, 'next' | 'error'>

/** Makes the router of a node. The transport is listened to as long as there is any sender. */
export function createEventRouter({ events$ }: Pick<Transport, 'events$'>): EventRouter {
  /** Who follows a request. A network may give an id twice. */
  const followers = new Map<string, Sender[]>()
  const expecting = new Set<Sender>()
  const senders = new Set<Sender>()
  let source: Subscription | undefined

  const route = (event: TransportEvent): void => {
    for (const sender of followers.get(event.requestId) ?? [...expecting]) sender.next(event)
  }

  return {
    join(sender) {
      const followed = new SparseSet<string>()
      senders.add(sender)
      if (source === undefined || source.closed) {
        source = events$.subscribe({
          next: route,
          error: (error: unknown) => {
            for (const each of [...senders]) each.error(error)
          },
        })
      }
      const forget = (requestId: string): void => {
        if (!followed.delete(requestId)) return
        const all = followers.get(requestId)!
        if (all.length === 1) followers.delete(requestId)
        else
          followers.set(
            requestId,
            all.filter((each) => each !== sender),
          )
      }
      return {
        follow(requestId) {
          if (followed.has(requestId)) return
          followed.add(requestId)
          const others = followers.get(requestId)
          followers.set(requestId, others === undefined ? [sender] : [...others, sender])
        },
        forget,
        expect(isExpecting) {
          if (isExpecting) expecting.add(sender)
          else expecting.delete(sender)
        },
        leave() {
          for (const requestId of followed) forget(requestId)
          expecting.delete(sender)
          senders.delete(sender)
          if (senders.size === 0) source?.unsubscribe()
        },
      }
    },
  }
}
