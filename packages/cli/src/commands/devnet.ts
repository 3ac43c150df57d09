import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'

/** `rc devnet` */
export function addDevnet(program: Command, context: CommandContext): void {
  program
    .command('devnet')
    .description('run a Waku network on this machine, which --devnet reaches')
    // It has options of its own: `rc devnet --help` lists them.
    .usage('[options]')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: unknown, { args }: Command) => {
      const { runLastingDevnet } = await import('../network/lasting-devnet.ts')
      context.end(await runLastingDevnet(args, context.host))
    })
}
