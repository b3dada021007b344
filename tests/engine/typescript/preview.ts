/**
 * Previews the twins with the policy packs that are named, and prints every event of the engine, one JSON a line.
 *
 *     node preview.js FOLDER PACK...
 */
import { EngineEvent, InlineProgramArgs, LocalWorkspace, LocalWorkspaceOptions } from "@pulumi/pulumi/automation";

import { twins } from "./twins";

async function main(folder: string, policyPacks: string[]): Promise<void> {
    const program: InlineProgramArgs = { stackName: "twins", projectName: "typescript", program: twins };
    const options: LocalWorkspaceOptions = {
        workDir: folder,
        projectSettings: { name: "typescript", runtime: "nodejs" },
    };
    const stack = await LocalWorkspace.createOrSelectStack(program, options);
    await stack.setConfig("environment", { value: "production" });
    const onEvent = (event: EngineEvent) => console.log(JSON.stringify(event));
    await stack.preview({ policyPacks, onEvent, color: "never" });
}

const [folder, ...packs] = process.argv.slice(2);
main(folder, packs).catch((error) => {
    console.error(String(error));
    process.exitCode = 1;
});
