import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** Stands before a service node; its sockets can be made dead: open, and never answered. */
export interface Gate extends AsyncDisposable {
  readonly port: number
  /** Those that there are are cut; new ones are taken and never answered. */
  die(): void
  /** New ones are led to the service node again. */
  live(): void
}

/** A gate before a port of this machine. */
export async function gateTo(port: number): Promise<Gate> {
  const sockets = new Set<Socket>()
  let isDead = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  const server = createServer((socket) => {
    keep(socket)
    if (isDead) return
    const inside = keep(connect(port, '127.0.0.1'))
    socket.pipe(inside).pipe(socket)
    socket.on('close', () => inside.destroy())
    inside.on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    die() {
      isDead = true
      for (const socket of sockets) socket.destroy()
    },
    live() {
      isDead = false
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
