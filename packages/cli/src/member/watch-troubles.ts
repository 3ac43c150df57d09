import { Subscription, distinctUntilChanged, filter, map, skip } from 'rxjs'
import { printable } from '../inspect/show.ts'
import type { Output } from '../output.ts'
import type { Member } from './open-member.ts'

/** Says what stands in the way of messages, once for each thing, and when it is over. */
export function watchTroubles(
  { channel, chat, identity }: Pick<Member, 'channel' | 'chat' | 'identity'>,
  output: Output,
): Subscription {
  const warn = (code: string, message: string): void =>
    output.emit({ event: 'warning', code, message }, output.style('yellow', `! ${message}`))
  const told = new Set<string>()
  const once = (what: string, message: string): void => {
    if (told.has(what)) return
    told.add(what)
    warn(what.split(' ')[0]!, message)
  }
  const watch = new Subscription()
  // Each reason once while it lasts: each address that is tried in vain has a sentence of its own.
  const connection$ = channel.connection$.pipe(
    distinctUntilChanged((a, b) => a.state === b.state && a.problem?.reason === b.problem?.reason),
    skip(1),
  )
  watch.add(
    connection$.subscribe(({ state, problem }) => {
      if (problem !== undefined) warn(problem.reason, problem.message)
      else output.emit({ event: 'connection', state }, output.style('dim', state))
    }),
  )
  watch.add(
    channel.health$
      .pipe(
        map(({ state }) => state),
        filter((state) => state === 'unreadable'),
      )
      .subscribe(() =>
        once(
          'unreadable',
          identity.keyId === undefined
            ? 'messages come that are sealed, and you have no key: join with --key or --passphrase'
            : `messages come that your key ${identity.keyId} does not open: the others have another key, or other words`,
        ),
      ),
  )
  watch.add(
    chat.undecodable$.subscribe(({ message: { senderId } }) => {
      const from = printable(senderId)
      once(
        `undecodable ${senderId}`,
        `what ${from} sends is none of rc's: another application, or a later version`,
      )
    }),
  )
  watch.add(
    channel.events$.subscribe((event) => {
      if (event.type !== 'diagnostic') return
      if (event.code === 'own-message' && identity.data === undefined) {
        once(
          'own-message',
          `somebody is called ${identity.name} as well, or was it you before? Names must differ: take another --name, or keep yours with --data`,
        )
      }
      if (event.code === 'lost') {
        const { length } = event.detail.entries
        warn(
          'lost',
          `${length === 1 ? 'a message is' : `${length} messages are`} lost: nobody who is here has it`,
        )
      }
      if (event.code === 'store-failed')
        once('store-failed', 'the data directory cannot be written: it is tried again')
    }),
  )
  return watch
}
