import { openChannel } from '@reliable-channels/channel'
import { wakuTransport } from '@reliable-channels/transport-waku'
import { createLightNode } from '@waku/sdk'

Object.assign(globalThis, { createLightNode, openChannel, wakuTransport })
