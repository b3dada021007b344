"""Cases of identity, keys, clusters, messages, logs, alarms and budgets."""

from __future__ import annotations

import json

from sandbox.provider.values import Props
from tests.engine.aws_types.case import Case, Drift, World, policy, trust

_READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
_SPOT = json.dumps({"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]})
_HEALTH = json.dumps({"source": ["aws.health"]})


def _cluster(w: World) -> Props:
    return {
        "name": "platform",
        "roleArn": w.role()["arn"],
        "version": "1.34",
        "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        "deletionProtection": False,
        "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        "encryptionConfig": {"provider": {"keyArn": w.key()}, "resources": ["secrets"]},
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16"},
        "vpcConfig": {
            "subnetIds": w.subnets(),
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
            "securityGroupIds": [w.group()],
        },
    }


def _open_endpoint(w: World, name: str, state: Props) -> None:
    network = {k: state["vpcConfig"][k] for k in ("subnetIds", "securityGroupIds", "endpointPrivateAccess")}
    w.client("eks").update_cluster_config(name=name, resourcesVpcConfig={**network, "endpointPublicAccess": True})


def _nodes(w: World) -> Props:
    cluster = w.cluster()
    template = w.make("aws:ec2/launchTemplate:LaunchTemplate", metadataOptions={"httpTokens": "required"})
    return {
        "clusterName": cluster,
        "nodeRoleArn": w.role()["arn"],
        "subnetIds": w.subnets(),
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "instanceTypes": ["m7i.large", "m6i.large"],
        "labels": {"pool": "system"},
        "launchTemplate": {"id": template["id"], "version": "1"},
        "nodeRepairConfig": {"enabled": True},
        "scalingConfig": {"desiredSize": 2, "minSize": 2, "maxSize": 3},
        "taints": [{"key": "CriticalAddonsOnly", "value": "true", "effect": "NO_SCHEDULE"}],
        "updateConfig": {"maxUnavailable": 1},
        "version": "1.34",
    }


def _scale(w: World, id_: str, state: Props) -> None:
    cluster, _, name = id_.partition(":")
    size = {"minSize": 0, "maxSize": 50, "desiredSize": 50}
    w.client("eks").update_nodegroup_config(clusterName=cluster, nodegroupName=name, scalingConfig=size)


def _attached(w: World) -> Props:
    return {"role": w.role()["id"], "policyArn": w.make("aws:iam/policy:Policy", policy=policy())["arn"]}


def _empty_profile(w: World, name: str, state: Props) -> None:
    w.client("iam").remove_role_from_instance_profile(InstanceProfileName=name, RoleName=state["role"])


def _set_alias(w: World, name: str, state: Props) -> None:
    w.client("kms").update_alias(AliasName=name, TargetKeyId=w.make("aws:kms/key:Key")["id"])


def _rule(w: World) -> str:
    return str(w.make("aws:cloudwatch/eventRule:EventRule", eventPattern=_SPOT)["name"])


def _target(w: World) -> Props:
    queue = w.queue()["arn"]
    return {
        "rule": _rule(w),
        "arn": queue,
        "deadLetterConfig": {"arn": w.queue()["arn"]},
        "retryPolicy": {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 3},
    }


def _redirect(w: World, id_: str, state: Props) -> None:
    other = {"Id": state["targetId"], "Arn": w.queue()["arn"]}
    w.client("events").put_targets(Rule=state["rule"], Targets=[other])


def _alarm(w: World) -> Props:
    return {
        "alarmActions": [w.topic()],
        "comparisonOperator": "GreaterThanThreshold",
        "dimensions": {"QueueName": "interruptions"},
        "evaluationPeriods": 3,
        "metricName": "ApproximateAgeOfOldestMessage",
        "namespace": "AWS/SQS",
        "period": 60,
        "statistic": "Maximum",
        "threshold": 300,
        "treatMissingData": "notBreaching",
    }


def _silence(w: World, name: str, state: Props) -> None:
    w.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=3,
        MetricName=state["metricName"],
        Namespace="AWS/SQS",
        Period=60,
        Statistic="Maximum",
        Threshold=300,
    )


def _set_topic(name: str, value: str) -> Drift:
    def drift(w: World, arn: str, state: Props) -> None:
        w.client("sns").set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)

    return drift


def _subscription(w: World) -> Props:
    return {"topic": w.topic(), "protocol": "sqs", "endpoint": w.queue()["arn"], "rawMessageDelivery": True}


def _unraw(w: World, arn: str, state: Props) -> None:
    w.client("sns").set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="false"
    )


def _budget(w: World) -> Props:
    return {
        "budgetType": "COST",
        "limitAmount": "1000",
        "limitUnit": "USD",
        "timeUnit": "MONTHLY",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:platform$vision"]}],
        "notifications": [
            {
                "comparisonOperator": "GREATER_THAN",
                "notificationType": "FORECASTED",
                "threshold": threshold,
                "thresholdType": "PERCENTAGE",
                "subscriberSnsTopicArns": [w.topic()],
            }
            for threshold in (80, 100)
        ],
    }


def _drop_notification(w: World, id_: str, state: Props) -> None:
    wanted = {
        "NotificationType": "FORECASTED",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": 80,
        "ThresholdType": "PERCENTAGE",
    }
    of = {"AccountId": "123456789012", "BudgetName": state["name"]}
    w.client("budgets").delete_notification(**of, Notification=wanted)


_STS = {"Service": "delivery.logs.amazonaws.com"}
_EVENTS = {"Service": "events.amazonaws.com"}

CASES = (
    Case(
        token="aws:iam/role:Role",
        inputs=lambda w: {
            "assumeRolePolicy": trust(),
            "description": "nodes",
            "managedPolicyArns": [_READ_ONLY],
            "inlinePolicies": [{"name": "one", "policy": policy()}],
            "tags": {"a": "b"},
        },
        change={"assumeRolePolicy": trust("eks.amazonaws.com"), "maxSessionDuration": 7200, "managedPolicyArns": []},
        drift=lambda w, id_, s: w.client("iam").update_assume_role_policy(
            RoleName=id_, PolicyDocument=trust("lambda.amazonaws.com")
        ),
        drifted="assumeRolePolicy",
        outputs=("arn", "name", "uniqueId"),
    ),
    Case(
        token="aws:iam/policy:Policy",
        inputs=lambda w: {"policy": policy(), "description": "read"},
        change={"policy": policy("s3:PutObject"), "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("iam").create_policy_version(
            PolicyArn=id_, PolicyDocument=policy("*"), SetAsDefault=True
        ),
        drifted="policy",
        outputs=("arn", "name", "policyId"),
    ),
    Case(
        token="aws:iam/rolePolicy:RolePolicy",
        inputs=lambda w: {"role": w.role()["id"], "policy": policy()},
        change={"policy": policy("s3:PutObject")},
        drift=lambda w, id_, s: w.client("iam").put_role_policy(
            RoleName=s["role"], PolicyName=s["name"], PolicyDocument=policy("*")
        ),
        drifted="policy",
    ),
    Case(
        token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        inputs=_attached,
        change={"policyArn": _READ_ONLY},
        replaces=True,
        drift=lambda w, id_, s: w.client("iam").detach_role_policy(RoleName=s["role"], PolicyArn=s["policyArn"]),
        drifted=None,
    ),
    Case(
        token="aws:iam/instanceProfile:InstanceProfile",
        inputs=lambda w: {"role": w.role()["id"]},
        change={"tags": {"a": "b"}},
        drift=_empty_profile,
        drifted="role",
        outputs=("arn", "uniqueId"),
    ),
    Case(
        token="aws:kms/key:Key",
        inputs=lambda w: {
            "description": "artifacts",
            "enableKeyRotation": True,
            "deletionWindowInDays": 7,
            "policy": policy("kms:*", principal={"AWS": "arn:aws:iam::123456789012:root"}),
        },
        change={"description": "models", "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("kms").disable_key_rotation(KeyId=id_),
        drifted="enableKeyRotation",
        outputs=("arn", "keyId"),
    ),
    Case(
        token="aws:kms/alias:Alias",
        inputs=lambda w: {"name": "alias/platform-artifacts", "targetKeyId": w.key()},
        change={"name": "alias/platform-other"},
        replaces=True,
        drift=_set_alias,
        drifted="targetKeyId",
        outputs=("arn", "targetKeyArn"),
    ),
    Case(
        token="aws:eks/cluster:Cluster",
        inputs=_cluster,
        change=lambda p: {
            "version": "1.35",
            "enabledClusterLogTypes": ["api", "audit"],
            "vpcConfig": {**p["vpcConfig"], "endpointPublicAccess": True, "publicAccessCidrs": ["198.51.100.0/24"]},
            "tags": {"a": "b"},
        },
        drift=lambda w, id_, s: w.client("eks").update_cluster_config(
            name=id_, logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": False}]}
        ),
        drifted="enabledClusterLogTypes",
        outputs=("arn", "certificateAuthority", "endpoint", "identities", "status"),
    ),
    Case(
        token="aws:eks/nodeGroup:NodeGroup",
        inputs=_nodes,
        change={
            "labels": {"pool": "core"},
            "taints": [],
            "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": 2},
        },
        drift=_scale,
        drifted="scalingConfig",
        outputs=("arn", "status", "resources"),
    ),
    Case(
        token="aws:cloudwatch/logGroup:LogGroup",
        inputs=lambda w: {"name": "/platform/flow", "retentionInDays": 30, "kmsKeyId": w.key()},
        change={"retentionInDays": 90, "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/other", "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("logs").delete_retention_policy(logGroupName=id_),
        drifted="retentionInDays",
        outputs=("arn",),
    ),
    Case(
        token="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        inputs=lambda w: {"policyName": "delivery", "policyDocument": policy("logs:PutLogEvents", principal=_STS)},
        change={"policyDocument": policy("logs:CreateLogStream", principal=_STS)},
        drift=lambda w, id_, s: w.client("logs").delete_resource_policy(policyName=id_),
        drifted=None,
    ),
    Case(
        token="aws:cloudwatch/metricAlarm:MetricAlarm",
        inputs=_alarm,
        change={"threshold": 600, "tags": {"a": "b"}},
        drift=_silence,
        drifted="alarmActions",
        outputs=("arn", "name"),
    ),
    Case(
        token="aws:cloudwatch/dashboard:Dashboard",
        inputs=lambda w: {"dashboardName": "platform", "dashboardBody": json.dumps({"widgets": []})},
        change={"dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]})},
        drift=lambda w, id_, s: w.client("cloudwatch").delete_dashboards(DashboardNames=[id_]),
        drifted=None,
        outputs=("dashboardArn",),
    ),
    Case(
        token="aws:cloudwatch/eventRule:EventRule",
        inputs=lambda w: {"description": "spot interruptions", "eventPattern": _SPOT},
        change={"eventPattern": _HEALTH, "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("events").put_rule(Name=s["name"], EventPattern=_SPOT),
        drifted="eventPattern",
        outputs=("arn", "name"),
    ),
    Case(
        token="aws:cloudwatch/eventTarget:EventTarget",
        inputs=_target,
        change={"retryPolicy": {"maximumEventAgeInSeconds": 120, "maximumRetryAttempts": 1}},
        drift=_redirect,
        drifted="arn",
    ),
    Case(
        token="aws:sns/topic:Topic",
        inputs=lambda w: {"displayName": "alerts", "kmsMasterKeyId": w.key()},
        change={"displayName": "alarms", "tags": {"a": "b"}},
        drift=_set_topic("KmsMasterKeyId", ""),
        drifted="kmsMasterKeyId",
        outputs=("arn", "owner", "name"),
    ),
    Case(
        token="aws:sns/topicPolicy:TopicPolicy",
        inputs=lambda w: {"arn": w.topic(), "policy": policy("sns:Publish", principal=_EVENTS)},
        change={"policy": policy("sns:Publish", principal={"Service": "budgets.amazonaws.com"})},
        drift=_set_topic("Policy", policy("sns:*", principal="*")),
        drifted="policy",
        outputs=("owner",),
    ),
    Case(
        token="aws:sns/topicSubscription:TopicSubscription",
        inputs=_subscription,
        change={"filterPolicy": json.dumps({"severity": ["critical"]})},
        drift=_unraw,
        drifted="rawMessageDelivery",
        outputs=("arn", "ownerId"),
    ),
    Case(
        token="aws:sqs/queue:Queue",
        inputs=lambda w: {"messageRetentionSeconds": 300, "kmsMasterKeyId": w.key(), "tags": {"a": "b"}},
        change={"messageRetentionSeconds": 600, "visibilityTimeoutSeconds": 60, "tags": {}},
        drift=lambda w, id_, s: w.client("sqs").set_queue_attributes(QueueUrl=id_, Attributes={"KmsMasterKeyId": ""}),
        drifted="kmsMasterKeyId",
        outputs=("arn", "url", "name"),
    ),
    Case(
        token="aws:sqs/queuePolicy:QueuePolicy",
        inputs=lambda w: {"queueUrl": w.queue()["id"], "policy": policy("sqs:SendMessage", principal=_EVENTS)},
        change={"policy": policy("sqs:SendMessage", principal={"Service": "sns.amazonaws.com"})},
        drift=lambda w, id_, s: w.client("sqs").set_queue_attributes(QueueUrl=id_, Attributes={"Policy": ""}),
        drifted=None,
    ),
    Case(
        token="aws:budgets/budget:Budget",
        inputs=_budget,
        change={"limitAmount": "2000"},
        drift=_drop_notification,
        drifted="notifications",
        outputs=("arn", "name"),
    ),
)
