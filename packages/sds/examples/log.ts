import { type Participant, createParticipant } from '@reliable-channels/sds'
import { Subject, filter, firstValueFrom, map, merge, pairwise, skip } from 'rxjs'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

// A network that everybody hears, and that loses the very first message.
const network$ = new Subject<{ from: string; payload: Uint8Array }>()
const received$ = network$.pipe(skip(1))

function join(name: string): { me: Participant; write: (line: string) => void } {
  const me = createParticipant({ participantId: name, channelId: 'log' })
  const lines$ = new Subject<{ payload: Uint8Array }>()
  received$
    .pipe(
      filter(({ from }) => from !== name),
      me.unwrap(),
    )
    .subscribe(({ senderId, payload }) => console.log(`${name}'s log: ${senderId}: ${text(payload)}`))
  merge(lines$.pipe(me.wrap()), me.traffic$)
    .pipe(map(({ payload }) => ({ from: name, payload })))
    .subscribe(network$)
  return { me, write: (line) => lines$.next({ payload: new TextEncoder().encode(line) }) }
}

const alice = join('alice')
const bob = join('bob')

alice.me.events$.subscribe((event) => {
  if (event.type === 'acknowledged') console.log(`alice: ${event.by} has a line of mine`)
})
bob.me.health$.subscribe(({ missing }) => console.log(`bob: ${missing} missing`))

const repaired$ = bob.me.health$.pipe(
  pairwise(),
  filter(([before, now]) => before.missing > 0 && now.missing === 0),
)
const repaired = firstValueFrom(repaired$)

alice.write('The first line gets lost on its way.')
alice.write('The second waits for it.')
await repaired
bob.write('I have them both, in order.')

alice.me.close()
bob.me.close()
