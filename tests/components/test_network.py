from components.network import Network
def test_x(): assert Network
