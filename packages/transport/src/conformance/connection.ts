import type { ConnectionProblem, ConnectionState } from '../transport.ts'
import { RESOLVED } from './bench.ts'
import type { Case } from './sending.ts'

/** The connection as it is. */
export const connectionCases: readonly Case[] = [
  [
    'replays the latest connection state to each subscriber, at once',
    async ({ a, equal }) => {
      for (let i = 0; i < 2; i++) {
        const states: ConnectionState[] = []
        a.connection$.subscribe((state) => states.push(state)).unsubscribe()
        equal(states, ['connected'])
      }
    },
  ],
  [
    'tells of a lost connection, ends requests made meanwhile once, and works again afterwards',
    async ({
      a,
      b,
      disconnect,
      reconnect,
      done,
      envelope,
      equal,
      eventually,
      outcomes,
      rejection,
      send,
      texts,
      topic,
    }) => {
      if (disconnect === undefined || reconnect === undefined) return
      await done(b.subscribe(topic))
      let state: ConnectionState | undefined
      a.connection$.subscribe((latest) => (state = latest))
      let problem: ConnectionProblem | undefined
      a.connectionProblem$?.subscribe((latest) => (problem = latest))
      equal(problem, undefined, 'problem of a connection that there is')
      await done(disconnect())
      await eventually(() => state !== 'connected')
      equal(state === 'connected', false, 'connected, after the connection was cut')
      if (a.connectionProblem$ !== undefined) {
        await eventually(() => problem !== undefined)
        equal((problem?.message ?? '') !== '', true, 'a message of the problem, after the connection was cut')
      }
      let requestId: string | undefined
      let isCertainlyLost = false
      const error = await rejection(a.send(envelope('lost')).then((id) => void (requestId = id)))
      await done(reconnect())
      await eventually(() => state === 'connected')
      equal(state, 'connected', 'after the connection came back')
      await eventually(() => problem === undefined)
      equal(problem, undefined, 'problem, after the connection came back')
      if (requestId !== undefined) {
        const id = requestId
        await eventually(() => outcomes(id).length > 0)
        equal(outcomes(id).length, 1, 'final events of a request made while disconnected')
        const [outcome] = outcomes(id)
        isCertainlyLost = outcome?.type === 'message-error' && outcome.certain === true
      } else {
        equal(error !== RESOLVED && error instanceof Error, true, 'send rejects with an Error')
      }
      await send(envelope('back'), 'delivered')
      equal(texts().includes('back'), true, 'delivery after the connection came back')
      equal(isCertainlyLost && texts().includes('lost'), false, 'delivered, although certainly not sent')
    },
  ],
]
