/**
 * A farm that renders films: workers that come and go, a fast file system, and where pictures are kept.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const WORKER = "ami-0a1b2c3d4e5f60718";

/** A queue of jobs and the machines that work on them. */
class Workers extends pulumi.ComponentResource {
    public readonly queue: pulumi.Output<string>;

    constructor(name: string, args: WorkersArgs, opts?: pulumi.ComponentResourceOptions) {
        super("studio:render:Workers", name, {}, opts);
        const parent = { parent: this };
        const dead = new aws.sqs.Queue(`${name}-failed`, { messageRetentionSeconds: 1209600 }, parent);
        const jobs = new aws.sqs.Queue(name, {
            visibilityTimeoutSeconds: 3600,
            redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 }),
        }, parent);
        const template = new aws.ec2.LaunchTemplate(name, {
            imageId: WORKER,
            instanceType: args.types[0],
            blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeType: "gp3", volumeSize: 200 } }],
            userData: args.licence.apply((key) => Buffer.from(`LICENCE=${key}`).toString("base64")),
        }, parent);
        new aws.autoscaling.Group(name, {
            minSize: 0,
            maxSize: args.most,
            vpcZoneIdentifiers: args.subnetIds,
            mixedInstancesPolicy: {
                instancesDistribution: {
                    onDemandBaseCapacity: 1,
                    onDemandPercentageAboveBaseCapacity: 0,
                    spotAllocationStrategy: "price-capacity-optimized",
                },
                launchTemplate: {
                    launchTemplateSpecification: { launchTemplateId: template.id, version: "$Latest" },
                    overrides: args.types.map((instanceType) => ({ instanceType })),
                },
            },
        }, parent);
        this.queue = jobs.url;
        this.registerOutputs({ queue: this.queue });
    }
}

interface WorkersArgs {
    types: string[];
    most: number;
    subnetIds: pulumi.Input<string>[];
    licence: pulumi.Output<string>;
}

/** The stack. */
export async function renderFarm(): Promise<pulumi.Inputs> {
    const licence = new pulumi.Config().requireSecret("licence");
    const tags = { show: "north-wind", department: "rendering" };

    const vpc = new aws.ec2.Vpc("farm", { cidrBlock: "10.30.0.0/16", tags });
    const subnets = ["a", "b"].map((letter, n) => new aws.ec2.Subnet(`farm-${letter}`, {
        vpcId: vpc.id,
        cidrBlock: `10.30.${n}.0/24`,
        availabilityZone: `us-west-2${letter}`,
        tags,
    }));
    const subnetIds = subnets.map((subnet) => subnet.id);
    new aws.ec2.VpcEndpoint("s3", { vpcId: vpc.id, serviceName: "com.amazonaws.us-west-2.s3", tags });

    const frames = new aws.s3.Bucket("frames", { tags });
    new aws.s3.BucketLifecycleConfiguration("frames", {
        bucket: frames.id,
        rules: [{ id: "cold", status: "Enabled", transitions: [{ days: 30, storageClass: "DEEP_ARCHIVE" }] }],
    });
    const scratch = new aws.fsx.LustreFileSystem("scratch", {
        storageCapacity: 4800,
        deploymentType: "SCRATCH_2",
        subnetIds: subnetIds[0],
        tags,
    });
    const textures = new aws.ebs.Volume("textures", {
        availabilityZone: "us-west-2a",
        size: 2000,
        type: "st1",
        tags,
    });
    const snapshot = new aws.ebs.Snapshot("textures", { volumeId: textures.id, tags });

    const scheduler = new aws.ec2.Instance("scheduler", {
        ami: WORKER,
        instanceType: "m7i.xlarge",
        subnetId: subnetIds[0],
        rootBlockDevice: { volumeType: "gp3", volumeSize: 100 },
        tags: { ...tags, Name: "scheduler" },
    });
    new aws.ec2.VolumeAttachment("textures", {
        deviceName: "/dev/sdg",
        instanceId: scheduler.id,
        volumeId: textures.id,
    });
    const review = new aws.ec2.Instance("review", {
        ami: WORKER,
        instanceType: "g5.2xlarge",
        subnetId: subnetIds[1],
        instanceMarketOptions: { marketType: "spot" },
        rootBlockDevice: { volumeType: "gp3", volumeSize: 250 },
        tags: { ...tags, Name: "review" },
    });

    const gpu = new Workers("gpu", { types: ["g5.4xlarge", "g6.4xlarge"], most: 40, subnetIds, licence });
    const cpu = new Workers("cpu", { types: ["c6i.8xlarge"], most: 100, subnetIds, licence });
    new aws.batch.JobQueue("overnight", {
        state: "ENABLED",
        priority: 1,
        computeEnvironmentOrders: [],
    });
    new aws.gamelift.Build("viewer", {
        operatingSystem: "AMAZON_LINUX_2023",
        storageLocation: { bucket: frames.bucket, key: "viewer.zip", roleArn: "arn:aws:iam::123456789012:role/viewer" },
    });
    return { gpu: gpu.queue, cpu: cpu.queue, scratch: scratch.dnsName, review: review.id, snapshot: snapshot.id };
}
