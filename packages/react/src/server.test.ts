import { createElement as h } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import {
  ChannelProvider,
  useChannel,
  useHealth,
  useMembers,
  useMessages,
  useQuota,
  useReceipts,
  useSend,
} from './index.ts'
import { useReadReceipts } from './read-receipts.ts'

function Everything() {
  const { status, chat, error } = useChannel()
  const { isReady, send, status: sent } = useSend()
  const receipts = useReceipts({ messageId: 'any' })
  const { readBy, read } = useReadReceipts({ messageId: 'any', senderId: 'bob' })
  const values = [
    useMessages(),
    useMembers(),
    useHealth(),
    useQuota(),
    receipts,
    readBy,
    chat,
    error,
    isReady,
    sent,
  ]
  read()
  let refused = ''
  try {
    send('too early')
  } catch (thrown) {
    refused = (thrown as Error).message
  }
  return h('p', null, status, JSON.stringify(values), refused)
}

describe('on a server', () => {
  it('nothing is opened, and every hook gives what it has before the channel is open', () => {
    let opened = 0
    const open = () => {
      opened++
      return Promise.reject(new Error('never'))
    }
    const html = renderToString(h(ChannelProvider, { id: 'a', open }, h(Everything)))
    expect(html.replaceAll(/<!-- -->|&quot;/g, '"')).toContain('opening')
    expect(html).toContain('[[],[],null,null,[],[],null,null,false,null]')
    expect(html).toContain('the channel is not open yet')
    expect(opened).toBe(0)
  })

  it('a hook without a provider says what is missing', () => {
    expect(() => renderToString(h(Everything))).toThrow('there is no <ChannelProvider>')
  })
})
