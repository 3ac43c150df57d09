import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rateLimit } from '@reliable-channels/rate-limit'
import { concatMap, from, lastValueFrom, tap } from 'rxjs'

/** When each request reached the server. */
const arrivals: number[] = []
const server = createServer((request, response) => {
  arrivals.push(Date.now())
  response.end(`here is ${request.url}`)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

// The server allows 2 requests in 300 ms. Ten come at once.
const paths = Array.from({ length: 10 }, (_, i) => `/page/${i + 1}`)
const answers$ = from(paths).pipe(
  rateLimit({ epochMs: 300, messagesPerEpoch: 2 }),
  concatMap(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()),
  tap((answer) => console.log(answer)),
)
await lastValueFrom(answers$)

console.log(
  arrivals.length,
  'requests, spread over more than two epochs:',
  arrivals.at(-1)! - arrivals[0]! > 600,
)
server.close()
