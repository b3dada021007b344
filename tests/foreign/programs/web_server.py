"""A ticket shop on two virtual machines behind an application load balancer, as the first tutorial of AWS ends."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
image = config.get("image") or "ami-0a1b2c3d4e5f60718"
domain = config.get("domain") or "tickets.example.com"
office = config.get("officeCidr") or "198.51.100.0/24"

vpc = aws.ec2.Vpc("web", cidr_block="10.20.0.0/16", enable_dns_hostnames=True, tags={"Name": "web"})
gateway = aws.ec2.InternetGateway("web", vpc_id=vpc.id)
routes = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])

subnets = []
for number, zone in enumerate(("us-east-1a", "us-east-1b")):
    subnet = aws.ec2.Subnet(
        f"public-{number}",
        vpc_id=vpc.id,
        cidr_block=f"10.20.{number}.0/24",
        availability_zone=zone,
        map_public_ip_on_launch=True,
    )
    aws.ec2.RouteTableAssociation(f"public-{number}", subnet_id=subnet.id, route_table_id=routes.id)
    subnets.append(subnet)

everywhere = ["0.0.0.0/0"]
front = aws.ec2.SecurityGroup(
    "front",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": everywhere} for port in (80, 443)],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": everywhere}],
)
back = aws.ec2.SecurityGroup(
    "back",
    vpc_id=vpc.id,
    ingress=[
        {"protocol": "tcp", "from_port": 8080, "to_port": 8080, "security_groups": [front.id]},
        {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [office]},
    ],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": everywhere}],
)

zone = aws.route53.Zone("zone", name="example.com")
certificate = aws.acm.Certificate("certificate", domain_name=domain, validation_method="DNS")

balancer = aws.lb.LoadBalancer(
    "front",
    load_balancer_type="application",
    security_groups=[front.id],
    subnets=[subnet.id for subnet in subnets],
)
targets = aws.lb.TargetGroup(
    "web", port=8080, protocol="HTTP", vpc_id=vpc.id, health_check={"path": "/healthz", "interval": 15}
)
aws.lb.Listener(
    "http",
    load_balancer_arn=balancer.arn,
    port=80,
    default_actions=[{"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}}],
)
aws.lb.Listener(
    "https",
    load_balancer_arn=balancer.arn,
    port=443,
    protocol="HTTPS",
    certificate_arn=certificate.arn,
    default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
)

key = aws.ec2.KeyPair(
    "operators", public_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3vExampleExampleExampleExample ops"
)
for number, subnet in enumerate(subnets):
    server = aws.ec2.Instance(
        f"web-{number}",
        ami=image,
        instance_type="t3.large",
        subnet_id=subnet.id,
        vpc_security_group_ids=[back.id],
        key_name=key.key_name,
        user_data="#!/bin/sh\ndnf -y install tickets && systemctl enable --now tickets\n",
        root_block_device={"volume_type": "gp3", "volume_size": 30},
        ebs_block_devices=[
            {"device_name": "/dev/sdf", "volume_type": "gp3", "volume_size": 100, "iops": 4000, "throughput": 200}
        ],
        tags={"Name": f"web-{number}", "Role": "web"},
    )
    aws.lb.TargetGroupAttachment(f"web-{number}", target_group_arn=targets.arn, target_id=server.id, port=8080)
    aws.cloudwatch.MetricAlarm(
        f"cpu-{number}",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=3,
        metric_name="CPUUtilization",
        namespace="AWS/EC2",
        period=300,
        statistic="Average",
        threshold=80,
        dimensions={"InstanceId": server.id},
    )

bastion = aws.ec2.Instance(
    "bastion", ami=image, instance_type="t3.medium", subnet_id=subnets[0].id, vpc_security_group_ids=[back.id]
)
aws.ec2.Eip("bastion", instance=bastion.id, domain="vpc")
aws.route53.Record(
    "tickets",
    zone_id=zone.zone_id,
    name=domain,
    type="A",
    aliases=[{"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": True}],
)

pulumi.export("url", f"https://{domain}")
pulumi.export("balancer", balancer.dns_name)
