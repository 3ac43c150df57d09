import { limitedWait } from './limited-wait.ts'
import type { Rule, SyntaxNode } from './syntax.ts'

const synchronousMessage =
  'A core file is synchronous: return what must happen as data, and let the driver do it.'

/** Core files are synchronous; the other half of their purity is a matter of ready-made rules (`.oxlintrc.json`). */
const synchronous: Rule = {
  create(context) {
    const report = (node: SyntaxNode): void => context.report({ node, message: synchronousMessage })
    const reportAsync = (node: SyntaxNode): void => {
      if (node.async === true) report(node)
    }
    return {
      AwaitExpression: report,
      ForOfStatement: (node) => {
        if (node['await'] === true) report(node)
      },
      FunctionDeclaration: reportAsync,
      FunctionExpression: reportAsync,
      ArrowFunctionExpression: reportAsync,
      ImportExpression: report,
    }
  },
}

const ownedMessage =
  'A field of the state is written by the part that owns it alone: call a method of that part.'

/** The state of a machine is read-only outside the parts that it is made of. */
const owned: Rule = {
  create(context) {
    const lookAt = (side: 'left' | 'argument') => (node: SyntaxNode) => {
      if ((node[side] as SyntaxNode).type === 'MemberExpression')
        context.report({ node, message: ownedMessage })
    }
    return {
      AssignmentExpression: lookAt('left'),
      UpdateExpression: lookAt('argument'),
      TSInterfaceBody: ({ body }) => {
        for (const node of body as readonly SyntaxNode[]) {
          if (node.type !== 'TSPropertySignature' || node['readonly'] === true) continue
          context.report({ node, message: ownedMessage })
        }
      },
    }
  },
}

/** Nobody but a part can write its fields. */
const privateFields: Rule = {
  create(context) {
    return {
      PropertyDefinition: (node) => {
        if ((node['key'] as SyntaxNode).type === 'PrivateIdentifier' || node['readonly'] === true) return
        context.report({ node, message: 'A field of a part is #private, or read-only.' })
      },
    }
  },
}

/** Private members are private at run time too. */
const hashPrivate: Rule = {
  create(context) {
    const look = (node: SyntaxNode): void => {
      if (node['accessibility'] === 'private')
        context.report({ node, message: 'Write #name instead of private.' })
    }
    return { PropertyDefinition: look, MethodDefinition: look }
  },
}

/** What the compiler makes of `using` throws on a platform without `Symbol.dispose`, as Safari, and Node.js 22 does not parse it. */
const noUsing: Rule = {
  create(context) {
    return {
      VariableDeclaration: (node) => {
        if (node['kind'] === 'using' || node['kind'] === 'await using')
          context.report({
            node,
            message: 'Write `try` and `finally`: not all platforms can dispose, nor Node.js 22 parse it.',
          })
      },
    }
  },
}

/** The project's own rules for oxlint. */
const plugin = {
  meta: { name: 'reliable-channels' },
  rules: {
    synchronous,
    'limited-wait': limitedWait,
    owned,
    'private-fields': privateFields,
    'hash-private': hashPrivate,
    'no-using': noUsing,
  },
}

// The linter loads a plugin by its default export.
export default plugin
