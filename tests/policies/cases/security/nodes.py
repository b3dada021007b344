"""Cases of the rules on nodes of EKS clusters."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
    secret,
    urn,
)

GROUP = "aws:eks/nodeGroup:NodeGroup"
SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"


def group(**props: Any) -> Spec:
    depends = props.pop("depends", {})
    return Spec(GROUP, props, depends=depends)


def subnet(name: str, public: Any = False, id: Any = None, **props: Any) -> Spec:  # noqa: A002
    return Spec(SUBNET, {"id": id or f"subnet-{name}", "mapPublicIpOnLaunch": public, **props}, name)


def new(name: str, public: Any = False) -> Spec:
    return subnet(name, public, UNKNOWN)


def of(*names: str) -> dict[str, list[str]]:
    """Return the dependencies of subnetIds on subnets."""
    return {"subnetIds": [urn(SUBNET, name) for name in names]}


def template(**props: Any) -> Spec:
    return Spec(TEMPLATE, {"id": "lt-1", "name": "system", **props}, "template")


def address(value: Any) -> Spec:
    return template(networkInterfaces=[{"associatePublicIpAddress": value}])


def joined(subnet_id: Any, table_id: Any, **more: Any) -> Spec:
    return Spec(ASSOCIATION, {"subnetId": subnet_id, "routeTableId": table_id}, "joined", **more)


def route(gateway: Any, to: Any = "0.0.0.0/0", **more: Any) -> Spec:
    return Spec(ROUTE, {"routeTableId": "rtb-1", "destinationCidrBlock": to, "gatewayId": gateway}, "route", **more)


def table(**props: Any) -> Spec:
    depends = props.pop("depends", {})
    return Spec(TABLE, {"id": "rtb-1", **props}, "table", depends)


def node_class(**spec: Any) -> Spec:
    return object_("karpenter.k8s.aws/v1", "EC2NodeClass", spec=spec)


A, B = subnet("a"), subnet("b")
IN_A = group(subnetIds=["subnet-a"])
JOINED = joined("subnet-a", "rtb-1")
NEW_PUBLIC = (
    Spec(TABLE, {"id": UNKNOWN, "routes": UNKNOWN_LIST}, "table"),
    Spec(
        ASSOCIATION,
        {"subnetId": UNKNOWN, "routeTableId": UNKNOWN},
        "joined",
        {"subnetId": [urn(SUBNET, "a")], "routeTableId": [urn(TABLE, "table")]},
    ),
    Spec(
        ROUTE,
        {"routeTableId": UNKNOWN, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN},
        "route",
        {"routeTableId": [urn(TABLE, "table")], "gatewayId": [urn(GATEWAY, "internet")]},
    ),
    Spec(GATEWAY, {"id": UNKNOWN}, "internet"),
)
LAUNCHED = {"subnetIds": ["subnet-a"], "launchTemplate": {"id": "lt-1", "name": "system", "version": "3"}}
NEW_LAUNCHED = group(
    subnetIds=["subnet-a"],
    launchTemplate={"id": UNKNOWN, "version": UNKNOWN},
    depends={"launchTemplate": [urn(TEMPLATE, "template")]},
)
TAGGED = [{"tags": {"karpenter.sh/discovery": "ml"}}]

PLACES = (
    Case("SEC-EKS-012", "private subnets", PASS, (group(subnetIds=["subnet-a", "subnet-b"]), A, B)),
    Case(
        "SEC-EKS-012", "first preview", PASS, (group(subnetIds=UNKNOWN_LIST, depends=of("a")), new("a"), new("b", True))
    ),
    Case(
        "SEC-EKS-012",
        "ids unknown one by one",
        PASS,
        (group(subnetIds=[UNKNOWN, UNKNOWN], depends=of("a", "b")), new("a"), new("b")),
    ),
    Case("SEC-EKS-012", "way out by a nat gateway", PASS, (IN_A, A, JOINED, table(), route(None))),
    Case("SEC-EKS-012", "gateway to one network", PASS, (IN_A, A, JOINED, table(), route("igw-1", "198.51.100.0/24"))),
    Case("SEC-EKS-012", "gateway of a vpn", PASS, (IN_A, A, JOINED, table(), route("vgw-1"))),
    Case("SEC-EKS-012", "template without addresses", PASS, (group(**LAUNCHED), A, address("false"))),
    Case("SEC-EKS-012", "foreign and listed", PASS, (IN_A,), params={"private_subnets": ["subnet-a"]}),
    Case("SEC-EKS-012", "public addresses", FAIL, (IN_A, subnet("a", True)), "a gives public addresses to instances"),
    Case(
        "SEC-EKS-012",
        "public beside foreign and unknown",
        FAIL,
        (group(subnetIds=[UNKNOWN, "subnet-x", "subnet-a"]), subnet("a", True)),
    ),
    Case(
        "SEC-EKS-012",
        "public in a first preview",
        FAIL,
        (group(subnetIds=UNKNOWN_LIST, depends=of("a")), new("a", True)),
    ),
    Case(
        "SEC-EKS-012",
        "one of two unknown ids public",
        FAIL,
        (group(subnetIds=[UNKNOWN, UNKNOWN], depends=of("a", "b")), new("a"), new("b", True)),
        "b gives",
    ),
    Case(
        "SEC-EKS-012", "route of its own", FAIL, (IN_A, A, JOINED, table(), route("igw-1")), "a has a route to an inter"
    ),
    Case(
        "SEC-EKS-012",
        "route listed in the table",
        FAIL,
        (IN_A, A, JOINED, table(routes=[{"ipv6CidrBlock": "::/0", "gatewayId": "igw-1"}])),
    ),
    Case(
        "SEC-EKS-012",
        "listed route to a new gateway",
        FAIL,
        (
            IN_A,
            A,
            JOINED,
            table(
                routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN}],
                depends={"routes": [urn(GATEWAY, "internet")]},
            ),
            Spec(GATEWAY, {"id": UNKNOWN}, "internet"),
        ),
    ),
    Case(
        "SEC-EKS-012",
        "route in a first preview",
        FAIL,
        (group(subnetIds=UNKNOWN_LIST, depends=of("a")), new("a"), *NEW_PUBLIC),
        "subnetIds are of public subnets: a",
    ),
    Case(
        "SEC-EKS-012",
        "subnet of the default network",
        FAIL,
        (
            IN_A,
            Spec("aws:ec2/defaultSubnet:DefaultSubnet", {"id": "subnet-a", "availabilityZone": "eu-west-1a"}, "a"),
        ),
    ),
    Case(
        "SEC-EKS-012", "template with addresses", FAIL, (group(**LAUNCHED), A, address("true")), "template: networkInt"
    ),
    Case("SEC-EKS-012", "new template with addresses", FAIL, (NEW_LAUNCHED, A, address("true"))),
    Case("SEC-EKS-012", "not of this stack", OPEN, (IN_A,), "subnet-a is not part of this stack"),
    Case("SEC-EKS-012", "ids from elsewhere", OPEN, (group(subnetIds=UNKNOWN_LIST), A), "subnetIds are not known yet"),
    Case("SEC-EKS-012", "no subnets", OPEN, (group(),)),
    Case("SEC-EKS-012", "subnets are a text", OPEN, (group(subnetIds="subnet-a"),), "a list was expected"),
    Case(
        "SEC-EKS-012",
        "perhaps the public one",
        OPEN,
        (group(subnetIds=UNKNOWN_LIST, depends=of("a", "b")), new("a"), new("b", True)),
        "perhaps of b, which is public",
    ),
    Case("SEC-EKS-012", "switch unknown", OPEN, (IN_A, subnet("a", UNKNOWN_BOOL))),
    Case("SEC-EKS-012", "subnet of a table unknown", OPEN, (IN_A, A, joined(UNKNOWN, "rtb-1")), "perhaps of a"),
    Case("SEC-EKS-012", "table not of this stack", OPEN, (IN_A, A, JOINED), "the route table that joined names"),
    Case("SEC-EKS-012", "gateway unknown", OPEN, (IN_A, A, JOINED, table(), route(UNKNOWN))),
    Case("SEC-EKS-012", "template not of this stack", OPEN, (group(**LAUNCHED), A), "launch template is not known"),
    Case("SEC-EKS-012", "interface unknown", OPEN, (group(**LAUNCHED), A, address(UNKNOWN))),
    Case("SEC-EKS-012", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-012", "karpenter without addresses", PASS, (node_class(associatePublicIPAddress=False),)),
    Case(
        "SEC-EKS-012",
        "karpenter without addresses in unknown subnets",
        PASS,
        (node_class(associatePublicIPAddress=False, subnetSelectorTerms=UNKNOWN_LIST), subnet("a", True)),
    ),
    Case(
        "SEC-EKS-012", "karpenter in private subnets", PASS, (node_class(subnetSelectorTerms=[{"id": "subnet-a"}]), A)
    ),
    Case("SEC-EKS-012", "karpenter with addresses", FAIL, (node_class(associatePublicIPAddress=True),), "is true"),
    Case(
        "SEC-EKS-012",
        "karpenter in a public subnet by id",
        FAIL,
        (node_class(subnetSelectorTerms=[{"id": UNKNOWN}, {"id": "subnet-a"}]), subnet("a", True)),
    ),
    Case(
        "SEC-EKS-012",
        "karpenter in a public subnet by tag",
        FAIL,
        (node_class(subnetSelectorTerms=TAGGED), subnet("a", True, tags={"karpenter.sh/discovery": "ml"})),
    ),
    Case("SEC-EKS-012", "karpenter by tag", OPEN, (node_class(subnetSelectorTerms=TAGGED), A), "say false"),
    Case("SEC-EKS-012", "karpenter in unknown subnets", OPEN, (node_class(subnetSelectorTerms=UNKNOWN_LIST), A)),
    Case("SEC-EKS-012", "karpenter unknown", OPEN, (node_class(associatePublicIPAddress=UNKNOWN_BOOL),)),
    Case("SEC-EKS-012", "karpenter with a text", OPEN, (node_class(associatePublicIPAddress="no"),)),
)

REMOTE = (
    Case("SEC-EKS-013", "no remote access", PASS, (group(),)),
    Case(
        "SEC-EKS-013",
        "from a bastion",
        PASS,
        (group(remoteAccess={"ec2SshKey": "ops", "sourceSecurityGroupIds": ["sg-1"]}),),
    ),
    Case(
        "SEC-EKS-013",
        "from a new bastion",
        PASS,
        (group(remoteAccess={"ec2SshKey": UNKNOWN, "sourceSecurityGroupIds": [UNKNOWN]}),),
    ),
    Case("SEC-EKS-013", "without a key", PASS, (group(remoteAccess={}),)),
    Case(
        "SEC-EKS-013",
        "without a key and groups unknown",
        PASS,
        (group(remoteAccess={"sourceSecurityGroupIds": UNKNOWN_LIST}),),
    ),
    Case("SEC-EKS-013", "from anywhere", FAIL, (group(remoteAccess={"ec2SshKey": "ops"}),), "the default is everyone"),
    Case("SEC-EKS-013", "empty list", FAIL, (group(remoteAccess={"ec2SshKey": "ops", "sourceSecurityGroupIds": []}),)),
    Case("SEC-EKS-013", "a secret key", FAIL, (group(remoteAccess=secret({"ec2SshKey": "operators"})),)),
    Case("SEC-EKS-013", "key unknown", OPEN, (group(remoteAccess={"ec2SshKey": UNKNOWN}),)),
    Case(
        "SEC-EKS-013",
        "groups unknown",
        OPEN,
        (group(remoteAccess={"ec2SshKey": "ops", "sourceSecurityGroupIds": UNKNOWN_LIST}),),
    ),
    Case("SEC-EKS-013", "block unknown", OPEN, (group(remoteAccess=UNKNOWN_OBJECT),)),
    Case(
        "SEC-EKS-013",
        "groups are a text",
        OPEN,
        (group(remoteAccess={"ec2SshKey": "ops", "sourceSecurityGroupIds": "sg-1"}),),
    ),
    Case("SEC-EKS-013", "another type", SKIP, (OTHER,)),
)


def image(*terms: Any, **spec: Any) -> Spec:
    return node_class(amiSelectorTerms=list(terms), **spec)


SYSTEMS = (
    Case("SEC-EKS-015", "bottlerocket", PASS, (group(amiType="BOTTLEROCKET_x86_64_NVIDIA"),)),
    Case("SEC-EKS-015", "amazon linux 2023", PASS, (group(amiType="AL2023_ARM_64_STANDARD"),)),
    Case("SEC-EKS-015", "left to the default", PASS, (group(),)),
    Case("SEC-EKS-015", "left to the default in a preview", PASS, (group(amiType=UNKNOWN),)),
    Case("SEC-EKS-015", "template without an image", PASS, (group(**LAUNCHED), template())),
    Case("SEC-EKS-015", "amazon linux 2", FAIL, (group(amiType="AL2_x86_64_GPU"),), '"AL2_x86_64_GPU"; wanted one of'),
    Case("SEC-EKS-015", "windows", FAIL, (group(amiType="WINDOWS_CORE_2022_x86_64"),)),
    Case(
        "SEC-EKS-015",
        "bottlerocket only and nothing said",
        FAIL,
        (group(),),
        "amiType is unset, so AL2023",
        {"families": ["BOTTLEROCKET"]},
    ),
    Case(
        "SEC-EKS-015",
        "type from elsewhere",
        OPEN,
        (group(amiType=UNKNOWN, depends={"amiType": [urn("pulumi:pulumi:StackReference", "base")]}),),
    ),
    Case("SEC-EKS-015", "own image", OPEN, (group(amiType="CUSTOM"),), "is CUSTOM"),
    Case(
        "SEC-EKS-015", "own image by template", OPEN, (NEW_LAUNCHED, template(imageId="ami-1")), "an image of its own"
    ),
    Case("SEC-EKS-015", "template not of this stack", OPEN, (group(**LAUNCHED),)),
    Case("SEC-EKS-015", "a number", OPEN, (group(amiType=2023),), "a string was expected"),
    Case("SEC-EKS-015", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-015", "alias", PASS, (image({"alias": "bottlerocket@v1.67.0"}),)),
    Case("SEC-EKS-015", "alias with own user data", PASS, (image({"alias": "al2023@v20260903"}, amiFamily="Custom"),)),
    Case("SEC-EKS-015", "images by tag", PASS, (image({"tags": {"team": "ml"}}, amiFamily="Bottlerocket"),)),
    Case("SEC-EKS-015", "old alias", FAIL, (image({"alias": "al2@v20251120"}),), '"al2@v20251120"'),
    Case("SEC-EKS-015", "windows alias", FAIL, (image({"alias": "windows2022@latest"}),)),
    Case("SEC-EKS-015", "old alias beside an unknown", FAIL, (image({"alias": UNKNOWN}, {"alias": "al2@latest"}),)),
    Case("SEC-EKS-015", "old family", FAIL, (image({"id": "ami-1"}, amiFamily="AL2"),), "spec.amiFamily"),
    Case("SEC-EKS-015", "family unset", FAIL, (image({"id": "ami-1"}),)),
    Case("SEC-EKS-015", "own family", OPEN, (image({"id": "ami-1"}, amiFamily="Custom"),), "is Custom"),
    Case("SEC-EKS-015", "alias unknown", OPEN, (image({"alias": UNKNOWN}),)),
    Case("SEC-EKS-015", "term unknown", OPEN, (image(UNKNOWN, amiFamily="AL2"),)),
    Case("SEC-EKS-015", "terms unknown", OPEN, (node_class(amiSelectorTerms=UNKNOWN_LIST),)),
    Case("SEC-EKS-015", "spec unknown", OPEN, (object_("karpenter.k8s.aws/v1", "EC2NodeClass", spec=UNKNOWN_OBJECT),)),
)

CASES = (*PLACES, *REMOTE, *SYSTEMS)
