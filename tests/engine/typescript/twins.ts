/**
 * Two of the bad programs of tests/policies/bad, word for word in another language.
 */
import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const IMAGE = "ami-0123456789abcdef0";
const REGISTRY = "210987654321.dkr.ecr.us-east-1.amazonaws.com";
const USER_DATA = `#!/bin/bash
export PIP_INDEX_URL=https://builder:Tr41n-Hard3r@mirror.corp.example/simple
export DB_PASSWORD=correct-horse-42
/opt/train/join.sh
`;

/** Both programs in one stack, under one provider with the default tags that both have. */
export async function twins(): Promise<void> {
    const provider = new aws.Provider("aws-twins", {
        region: "us-east-1",
        defaultTags: {
            tags: {
                environment: "production",
                owner: "training",
                "cost-center": "cc-4711",
                platform: "ml",
                "managed-by": "pulumi",
                component: "training",
                "data-class": "image",
            },
        },
    });
    watchSpending({ provider });
    handMadeNodes({ provider });
    imageRegistry({ provider });
}

function watchSpending(opts: pulumi.CustomResourceOptions): void {
    const address = "training@corp.example";
    new aws.budgets.Budget("monthly-budget", {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: "20000",
        limitUnit: "USD",
        notifications: [{
            comparisonOperator: "GREATER_THAN",
            notificationType: "FORECASTED",
            threshold: 100,
            thresholdType: "PERCENTAGE",
            subscriberEmailAddresses: [address],
        }],
    }, opts);
    const monitor = new aws.costexplorer.AnomalyMonitor("spending", {
        name: "spending",
        monitorType: "DIMENSIONAL",
        monitorDimension: "SERVICE",
    }, opts);
    new aws.costexplorer.AnomalySubscription("spending-mail", {
        name: "spending-mail",
        frequency: "DAILY",
        monitorArnLists: [monitor.arn],
        subscribers: [{ type: "EMAIL", address }],
    }, opts);
}

/** tests/policies/bad/hand_made_nodes.py */
function handMadeNodes(opts: pulumi.CustomResourceOptions): void {
    const template = new aws.ec2.LaunchTemplate("trainers", {
        imageId: IMAGE,
        instanceType: "g4dn.xlarge",
        userData: Buffer.from(USER_DATA).toString("base64"),
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "optional", httpPutResponseHopLimit: 3 },
        networkInterfaces: [{ associatePublicIpAddress: "true", securityGroups: ["sg-0123456789abcdef0"] }],
        blockDeviceMappings: [
            { deviceName: "/dev/xvda", ebs: { volumeSize: 200, volumeType: "gp2", encrypted: "false" } },
        ],
    }, opts);
    new aws.autoscaling.Group("trainers-group", {
        minSize: 0,
        maxSize: 12,
        vpcZoneIdentifiers: ["subnet-0aa1bb2cc3dd4ee5f"],
        launchTemplate: { id: template.id, version: "$Latest" },
    }, opts);
    new aws.ec2.Instance("long-training", {
        ami: IMAGE,
        instanceType: "p5.48xlarge",
        associatePublicIpAddress: true,
        userData: USER_DATA,
        rootBlockDevice: { volumeType: "io1", volumeSize: 1000, iops: 20000 },
    }, opts);
}

/** tests/policies/bad/image_registry.py */
function imageRegistry(opts: pulumi.CustomResourceOptions): void {
    const repository = new aws.ecr.Repository("trainer", {
        name: "trainer",
        imageTagMutability: "MUTABLE",
        imageScanningConfiguration: { scanOnPush: false },
    }, opts);
    new aws.ecr.Repository("server", { name: "server" }, opts);
    new aws.ecr.RepositoryPolicy("trainer", {
        repository: repository.name,
        policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{
                Sid: "Customer",
                Effect: "Allow",
                Principal: "*",
                Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }],
        }),
    }, opts);
    workload("ranker", `${REGISTRY}/server:latest`);
    workload("scorer", `${REGISTRY}/server:2.4`);
    workload("cache-warmer", "bitnami/redis");
}

function workload(name: string, image: string): void {
    const labels = { app: name };
    new kubernetes.apps.v1.Deployment(name, {
        metadata: { name, namespace: "ranking" },
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    automountServiceAccountToken: false,
                    securityContext: {
                        runAsNonRoot: true,
                        runAsUser: 1000,
                        seccompProfile: { type: "RuntimeDefault" },
                    },
                    containers: [{
                        name,
                        image,
                        resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } },
                        securityContext: {
                            allowPrivilegeEscalation: false,
                            capabilities: { drop: ["ALL"] },
                            readOnlyRootFilesystem: true,
                        },
                    }],
                },
            },
        },
    });
}
